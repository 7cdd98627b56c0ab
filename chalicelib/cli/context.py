"""What every command is handed: its arguments, and the system behind them when it asks for it."""

from __future__ import annotations

import os
from argparse import Namespace
from functools import cached_property
from pathlib import Path

from chalicelib.environment import Environment, environment
from chalicelib.loop.context import Loop
from chalicelib.model.errors import Forbidden, Invalid
from chalicelib.model.people import Caller, Role, User, not_found
from chalicelib.wiring import System, build, has_store

OPERATOR = Caller("operator", Role.ADMIN)
"""Whoever can open the data folder can do everything in it."""
BEGINNING = {"run", "import", "log", "do", "demo", "restore", "user", "taxonomy", "settings"}
"""Commands that may make a store where there is none. All others speak of one that is there: a mistyped folder must
not be told that all is fine."""


class Run:
    """One run of one command."""

    def __init__(self, args: Namespace) -> None:
        self.args = args
        self.restoring = False
        """Whether this command may open a store that holds part of a backup."""

    @cached_property
    def environment(self) -> Environment:
        """The environment, with --data winning."""
        return environment(os.environ, Path(self.args.data) if self.args.data else None)

    @cached_property
    def system(self) -> System:
        """The parts, put together at first use. Raises Invalid where there is no store and none may be begun."""
        from chalicelib.cli.output import lines

        if not self._begins and not has_store(self.environment):
            folder = self.environment.data
            raise Invalid(
                "data.none",
                f"那里没有数据：{folder}；请检查 --data 或 VOC_DATA，第一次用先 ./voc run 或 ./voc import",
                f"no data there: {folder}; check --data or VOC_DATA, and begin with ./voc run or ./voc import",
                "--data",
            )
        told = lines("首次建立搜索索引 building the search index, once:")
        return build(self.environment, told, restoring=self.restoring)

    @property
    def _begins(self) -> bool:
        """Erasing again needs what was restored before."""
        args = self.args
        return args.command in BEGINNING and (args.command != "restore" or bool(args.packed))

    def close(self) -> None:
        """Close the store, if it was opened."""
        if "system" in self.__dict__:
            self.system.close()

    @property
    def loop(self) -> Loop:
        """The loop on the chosen data."""
        return self.system.loop

    def may(self, operation: str) -> None:
        """Forbidden unless --as USER may call the route of that name: the command line opens no other doors."""
        if getattr(self.args, "as_user", ""):
            import app  # noqa: F401  registers the routes
            from chalicelib.api.routing import ROUTES, may

            (route,) = (r for r in ROUTES if r.name == operation)
            may(route, self.caller)

    @property
    def caller(self) -> Caller:
        """--as USER, or the operator."""
        name = getattr(self.args, "as_user", "")
        if not name:
            return OPERATOR
        user = self.loop.unit().get(User, name)
        if user and user.disabled:
            raise Forbidden("user.blocked", "这个用户已停用", "this user is blocked", "--as")
        if user is None:
            raise not_found("user")
        return user.caller
