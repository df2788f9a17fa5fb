"""Sign in as a member of the cast, through allauth's own steps.

The click stands for both steps a person takes: the password and the code. Each is
recorded where allauth records it, so the gate needs to know nothing of the demo.
"""

from __future__ import annotations

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from allauth.account.stages import LoginStageController
from allauth.mfa.base.internal.flows import post_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.stages import AuthenticateStage
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse

from accounts.models import User


def sign_in(request: HttpRequest, user: User) -> HttpResponse:
    logout(request)
    record_authentication(request, user, method="password", email=user.email)
    response = perform_login(request, Login(user=user, email=user.email))
    stage = LoginStageController.enter(request, AuthenticateStage.key)
    if stage is None:  # refused before the second step: switched off, or expired
        return response
    factor = Authenticator.objects.get(user=user, type=Authenticator.Type.TOTP)
    post_authentication(request, factor)
    signed_in: HttpResponse = stage.exit()
    return signed_in
