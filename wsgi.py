"""The application that a server runs."""

from webapp import create_app

app = create_app()
