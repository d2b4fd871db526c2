"""The ways in, as a part of an application."""

from fastapi import FastAPI

from consumers.console.signing_in import openid_routes, routes
from consumers.console.signing_in.routes import Door


def add_door(app: FastAPI, door: Door) -> None:
    """The routes by which people sign in and out."""
    app.state.door = door
    app.include_router(routes.router)
    app.include_router(openid_routes.router)
