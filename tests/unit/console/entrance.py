"""The console's door with one plain page behind it: signing in needs no broker and no browser."""

import asyncio
import html
import re
from typing import Any

import httpx
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, PlainTextResponse

from consumers.console.signing_in.failures import Failures
from consumers.console.signing_in.guard import SESSION, Guard
from consumers.console.signing_in.openid import Provider
from consumers.console.signing_in.passwords import hashed
from consumers.console.signing_in.people import Person, Role
from consumers.console.signing_in.routes import Door, add_door
from consumers.console.signing_in.sessions import Sessions
from consumers.console.signing_in.users import User, Users

PASSWORD = "correct horse battery staple"


class Entrance:
    """`Entrance().signs_in("dana").get("/").text`. Its clock moves when told."""

    def __init__(self, *, openid: Provider | None = None, url: str | None = None, users: bool = True) -> None:
        self.now = 1_000.0
        self.sessions = Sessions(idle=600, longest=3600, clock=lambda: self.now)
        people = [Person("dana", Role.OPERATOR), Person("kim", Role.VIEWER)] if users else []
        self.door = Door(
            sessions=self.sessions,
            users=Users(User(person, hashed(PASSWORD)) for person in people),
            openid=openid,
            url=url,
            failures=Failures(clock=lambda: self.now),
        )
        console = FastAPI()
        add_door(console, self.door)
        console.add_api_route("/", _page)
        console.add_api_route("/alerts", _page)
        console.add_api_route("/_nicegui_ws/socket.io/", _socket, methods=["GET", "POST"])
        console.add_middleware(Guard, sessions=self.sessions, url=url)
        self.app = FastAPI()
        self.app.mount("/console", console)
        self.cookies = httpx.Cookies()
        self.origin = url or "http://desk"

    def ask(self, method: str, path: str, **request: Any) -> httpx.Response:
        async def asked() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, client=("10.0.0.7", 4711))
            async with httpx.AsyncClient(transport=transport, base_url=self.origin, cookies=self.cookies) as client:
                answer = await client.request(method, path, **request)
                self.cookies = client.cookies
                return answer

        return asyncio.run(asked())

    def get(self, path: str = "/console/", **headers: str) -> httpx.Response:
        return self.ask("GET", path, headers={"accept": "text/html", **headers})

    def post(self, path: str, fields: dict[str, str], **headers: str) -> httpx.Response:
        return self.ask("POST", path, data=fields, headers={"origin": self.origin, **headers})

    def form(self, path: str = "/console/sign-in") -> dict[str, str]:
        """The hidden fields of the sign-in page."""
        found = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', self.get(path).text)
        return {name: html.unescape(value) for name, value in found}

    def tries(self, user: str = "dana", password: str = PASSWORD, **fields: str) -> httpx.Response:
        return self.post("/console/sign-in", {**self.form(), "user": user, "password": password, **fields})

    def signs_in(self, user: str = "dana") -> "Entrance":
        assert self.tries(user).status_code == 303
        return self


async def _page(request: Request) -> HTMLResponse:
    session = request.scope[SESSION]
    return HTMLResponse(
        f"<html><script>1</script><script src='a.js'></script><p>{session.person.name}</p>"
        f"<i>{session.form_token}</i></html>"
    )


async def _socket() -> PlainTextResponse:
    return PlainTextResponse("open")
