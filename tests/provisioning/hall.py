"""A new box in a hall: the real core, the real sync, a stick and a button. The screen's words can be read."""

from __future__ import annotations

from pathlib import Path

from estation_box.apps.core_loop import Core
from estation_box.apps.core_post import Post
from estation_box.apps.events import Pressed, StickMoved, SyncSays
from estation_box.drivers.desk import Desk
from estation_box.drivers.postbox import Postbox
from estation_box.drivers.profile_store import ProfileStore
from estation_box.drivers.seal import Seal
from estation_box.library.sync_words import Synced
from estation_box.playout.engine import CHIME, Layer
from estation_box.programme.courtesy import Press
from estation_box.provisioning.service import Provisioner
from estation_box.reporting.by_stick import StickPost
from tests.support.box import SimulatedBox, TableShelf
from tests.support.sync_box import Box


class NamedBox(Box):
    """The folders of a box whose sync meets core at the desk, and signs."""

    @property
    def desk(self) -> Desk:
        return Desk(self.runtime)

    @property
    def seal(self) -> Seal:
        return Seal(self.state / "key.pem")

    def _sync(self, stack, floor):
        sync = super()._sync(stack, floor)
        registrar = Provisioner(
            self.seal, ProfileStore(self.state, self.serial), desk=self.desk, seal=self.seal,
            post=StickPost(self.seal, Postbox(self.runtime)),
        )  # fmt: skip
        sync._parts = sync._parts._replace(registrar=registrar)
        return sync


class Hall:
    """One box. `put_in` a stick, `press` the button, and look at the `screen`."""

    def __init__(self, folder: Path, root: Path) -> None:
        self.box = NamedBox(folder, root)
        self.stick: Path | None = None
        (folder / "core").mkdir()
        self.world = SimulatedBox(folder / "core", TableShelf([]))
        parts = self.world.core._parts
        self.asked = 0
        commands = parts.commands
        commands._sync = self._ask_sync
        journal = self.world.journal
        self.post = Post(journal, journal._store, Postbox(self.box.runtime))
        self.core = self.world.core = Core(
            parts._replace(
                desk=self.box.desk, post=self.post,
                load_profile=lambda: self.box.profile, start_reporting=lambda _profile: None,
            )
        )  # fmt: skip
        self.core.begin(self.world.clock.moment())
        self.wait(1)

    def _ask_sync(self) -> str:
        self.asked += 1
        return "" if self.stick is not None else "there is no stick in the box"

    @property
    def heard(self) -> int:
        """How often the two tones of the welcome were heard."""
        return self.world.player.engine.opened.count(CHIME.path)

    def put_in(self, stick: Path) -> Synced:
        """The stick goes in, and sync reads it."""
        self.stick = stick
        self._event(StickMoved(stick))
        return self.sync()

    def sync(self) -> Synced:
        """Sync reads the stick, and takes along what core has for it."""
        moment = self.world.clock.moment()
        self.post.send(moment, "estation-test", self.world.core.health(moment))
        synced = self.box.visit(self.stick)
        self._event(SyncSays(synced, lambda _line: None))
        return synced

    def pull(self) -> None:
        self.stick = None
        self._event(StickMoved(None))

    def press(self, press: Press) -> None:
        """A finger on the button; what core asks of sync is done."""
        asked = self.asked
        self._event(Pressed(press))
        if self.asked > asked and self.stick is not None:
            self.sync()

    def wait(self, seconds: float) -> None:
        self.world.run(seconds)

    def _event(self, event) -> None:
        self.core.handle(event, self.world.clock.moment())
        self.wait(0.5)

    @property
    def screen(self) -> str:
        return self.world.player.engine.layers.get(Layer.COVER, "")
