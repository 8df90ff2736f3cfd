"""The part of the lesson's screen that has to do with files: the session as a script, and weights out and in."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from engine import messages as m
from engine.words import Refused
from engine.words import say as engine_says
from tui.screens.choosing import ChoosingScreen

if TYPE_CHECKING:
    from tui.screens.file_name import Purpose


class FilesScreen(ChoosingScreen):
    """Asks for names in a window; the engine reads and writes weights, the script is written here."""

    def action_export(self) -> None:
        self._ask_for_file("export")

    def action_save_weights(self) -> None:
        self._ask_for_file("save")

    def action_load_weights(self) -> None:
        self._ask_for_file("load")

    def _ask_for_file(self, purpose: Purpose) -> None:
        from tui.screens.file_name import FileWindow  # here: the first paint can do without text fields

        stem = self.opening.lesson.id if self.opening and self.opening.lesson else ""
        self.app.push_screen(FileWindow(self.language, purpose, stem), partial(self._take_file, purpose))

    def _take_file(self, purpose: Purpose, path: Path | None) -> None:
        if path is None:
            return
        if purpose == "export":
            self._export(path)
        else:
            self.send(m.SaveWeights(str(path)) if purpose == "save" else m.LoadWeights(str(path)))

    def _export(self, path: Path) -> None:
        """Write the script of the session as it stands, and say where; where that cannot be, say why."""
        from tui.exporting import write

        try:
            write(path, self._script())
        except Refused as refused:
            self.notify(engine_says(refused.sentence, self.language), severity="warning", markup=False)
        except OSError as error:
            said = self.say("file.not_written", place=path, reason=error.strerror or str(error))
            self.notify(said, severity="warning", markup=False)
        else:
            self.notify(self.say("file.exported", place=path), timeout=10, markup=False)

    def _script(self) -> str:
        from engine import code

        assert self.part is not None and self.part.graph is not None  # else the key says why it does nothing
        seed = self.opened.seed if self.opened else self.tutor.choices.seed
        experiment = code.seeded(self.part.experiment, seed)
        return code.script(experiment, self.part.graph, self.kept_log, language=self.language)
