"""The demo's one-click cast: installed only with DEMO=1, which is loopback only."""
