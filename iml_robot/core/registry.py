"""Plugins by file name: found without imports, loaded when used."""

from __future__ import annotations

import difflib
import importlib
import importlib.util
import inspect
import pkgutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Generic, TypeVar

from iml_robot.core.errors import UsageError

T = TypeVar("T")


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return "; did you mean 'x'? (known: ...)" for an unknown name, or the last alone."""
    names = sorted(known)
    close = difflib.get_close_matches(name, names, n=1)
    hint = f"; did you mean {close[0]!r}?" if close else ""
    return f"{hint} (known: {', '.join(names)})"


class Registry(Generic[T]):
    """The plugins of one kind.

    A plugin is one module in `package`; its file name is its name. Subpackages hold
    shared parts and are no plugins. A name "my_package.my_module:MyClass" loads a
    plugin from outside.

    Args:
        kind: What the plugins are, for error messages, for example "learner".
        package: Import path of the package that holds the modules.
    """

    def __init__(self, kind: str, package: str) -> None:
        self.kind = kind
        self._package = package
        self._classes: dict[str, Callable[..., T]] = {}

    def register(self, name: str) -> Callable[[type[T]], type[T]]:
        """Return a decorator that makes a class the plugin with this name."""

        def add(cls: type[T]) -> type[T]:
            self._classes[name] = cls
            return cls

        return add

    def names(self) -> list[str]:
        """Return the names of all plugins, sorted, importing none of them."""
        spec = importlib.util.find_spec(self._package)
        assert spec is not None
        assert spec.submodule_search_locations is not None
        folders = [str(Path(p)) for p in spec.submodule_search_locations]
        return sorted(m.name for m in pkgutil.iter_modules(folders) if not m.ispkg)

    def get(self, name: str) -> Callable[..., T]:
        """Return the plugin class.

        Raises:
            UsageError: If there is no such plugin.
        """
        if ":" in name:
            return self._outside(name)
        if name not in self.names():
            raise UsageError(
                f"no {self.kind} is called {name!r}{did_you_mean(name, self.names())}"
            )
        importlib.import_module(f"{self._package}.{name}")
        return self._classes[name]

    def build(
        self, name: str, /, *args: Any, options: dict[str, Any] | None = None, **parts: Any
    ) -> T:
        """Return a new plugin, its options checked against its keyword arguments.

        Args:
            name: Name of the plugin.
            *args: What the program passes to every plugin of the kind.
            options: What the user chose, by keyword.
            **parts: What the program passes because the plugin wants it.

        Raises:
            UsageError: If there is no such plugin, or it refuses an option.
        """
        plugin = self.get(name)
        chosen = options or {}
        known = option_names(plugin)
        for key in chosen:
            if key not in known:
                raise UsageError(
                    f"{self.kind} {name!r} has no option {key!r}{did_you_mean(key, known)}"
                )
        try:
            return plugin(*args, **chosen, **parts)
        except (TypeError, ValueError) as error:
            raise UsageError(f"{self.kind} {name!r}: {error}") from error

    def _outside(self, path: str) -> Callable[..., T]:
        module_name, _, class_name = path.partition(":")
        try:
            plugin: Callable[..., T] = getattr(
                importlib.import_module(module_name), class_name
            )
        except (ImportError, AttributeError) as error:
            raise UsageError(f"cannot load {self.kind} {path!r}: {error}") from error
        return plugin


def option_names(plugin: Callable[..., Any]) -> list[str]:
    """Return the keyword-only arguments of a plugin, which are its options.

    A class that takes `**` further arguments hands them on to the class above it: the
    options of that one are options too. What a class wants from the program, as it says
    by `wants_trials = True` of its argument `trials`, is no option.
    """
    names: dict[str, None] = {}
    for maker in _makers(plugin):
        parameters = inspect.signature(maker).parameters.values()
        names.update((p.name, None) for p in parameters if p.kind is p.KEYWORD_ONLY)
        if not any(p.kind is p.VAR_KEYWORD for p in parameters):
            break
    return [name for name in names if not getattr(plugin, f"wants_{name}", False)]


def _makers(plugin: Callable[..., Any]) -> Iterator[Callable[..., Any]]:
    """Yield what makes a plugin, and then what makes it one of the classes above it."""
    yield plugin
    above = inspect.getmro(plugin)[:-1] if inspect.isclass(plugin) else ()
    own = [vars(cls)["__init__"] for cls in above if "__init__" in vars(cls)]
    yield from own[1:]
