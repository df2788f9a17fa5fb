"""A stateful stand-in for an Infisical server, as told in the Infisical facts."""

from tests.infisical.server import Fake, running_fake

__all__ = ["Fake", "running_fake"]
