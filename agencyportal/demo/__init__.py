"""The demo's one-click cast. Installed only with DEMO=1, which works on loopback only."""
