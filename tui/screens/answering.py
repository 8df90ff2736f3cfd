"""The part of the lesson's screen that takes answers: fields in the text, goals, and keys that must wait."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from textual.containers import VerticalScroll

from engine import messages as m
from engine.words import Sentence, Value
from tui.exercises.progress import Progress
from tui.screens.questioning import QuestioningScreen, kind_of

if TYPE_CHECKING:
    from tui.exercises.box import ExerciseBox
    from tui.exercises.telling import Told


class AnsweringScreen(QuestioningScreen):
    """`note` says why a key did nothing, until the next one."""

    def __init__(self, language: str) -> None:
        super().__init__(language)
        self.note: Sentence | None = None

    def enter(self, offering: bool = True, editing: bool = True) -> None:
        self.note = None
        super().enter(offering, editing)
        self.call_next(self.set_boxes)

    # ---------------------------------------------------------------- boxes
    async def set_boxes(self) -> None:
        """Have a box below the text for each exercise that is to be read."""
        from tui.exercises.box import ExerciseBox

        if self.opening is None or not self.is_mounted:
            return
        shown = {each.id: each for each in self._shown()}
        for box in self.boxes():
            if box.name_of_exercise not in shown:
                await box.remove()
        here = {box.name_of_exercise for box in self.boxes()}
        fresh = [ExerciseBox(self.told(each)) for name, each in shown.items() if name not in here]
        if fresh:
            await self.query_one("#lesson", VerticalScroll).mount_all(fresh)
        self.tell_boxes()

    def boxes(self) -> list[ExerciseBox]:
        """The boxes on the screen."""
        from tui.exercises.box import ExerciseBox

        return [] if self.opening is None else list(self.query(ExerciseBox))

    def tell_boxes(self) -> None:
        """Redraw the exercises."""
        for box in self.boxes():
            if box.told.exercise in self.exercises:
                box.tell(self.told(box.told.exercise))

    def told(self, exercise: Any) -> Told:
        """What the box of this exercise is a function of."""
        from tui.exercises.telling import Told

        assert self.opening is not None
        passage = self.opening.passage_of(exercise.id, self.language)
        progress, remark = self.progress_of(exercise), self._remark(exercise)
        draft = self.drafts.get(exercise.id, "")
        known, again = self.known_for(exercise), exercise is self.repeatable
        kind = kind_of(exercise)
        return Told(exercise, kind, passage, progress, known, self.language, draft, remark, again)

    @property
    def repeatable(self) -> Any | None:
        """The exercise that can be done once more with other inputs: the last that is done."""
        done = [each for each in self.exercises if each.vary and self.progress_of(each).done]
        return done[-1] if done else None

    def _box(self, exercise: Any) -> ExerciseBox | None:
        return next((box for box in self.boxes() if box.told.exercise is exercise), None)

    # ---------------------------------------------------------------- answers
    @property
    def drafts(self) -> dict[str, str]:
        """Answers that were begun, by exercise."""
        return self.tutor.drafts.setdefault(self.opening.lesson.id if self.opening and self.opening.lesson else "", {})

    def on_exercise_box_begun(self, message: ExerciseBox.Begun) -> None:
        self.drafts[message.id] = message.given

    def on_exercise_box_given(self, message: ExerciseBox.Given) -> None:
        exercise = next((each for each in self.exercises if each.id == message.id), None)
        if exercise is None or not self._is_open(exercise) or self.progress_of(exercise).locked:
            return
        kind = kind_of(exercise)
        tries = kind.tries(exercise, message.given)
        if not self.known.has(kind.asks(exercise)):
            self._say("ask.waiting")
        elif not self.known.has(tries):
            self._say("ask.waiting")
            self.ask_also(tries, lambda: self._mark(exercise, message.given))
        else:
            self._mark(exercise, message.given)

    def _mark(self, exercise: Any, given: str) -> None:
        """All that must be known is known."""
        kind = kind_of(exercise)
        if not self._is_open(exercise):
            return
        verdict = kind.mark(exercise, given, self.known)
        if kind.when != "after the step" or not verdict.readable:
            self._keep(exercise, self.progress_of(exercise).answered(given, verdict))
            return
        self._keep(exercise, self.progress_of(exercise).predicted(given))
        self.set_focus(None)
        if self.reached:
            self.on_reached()
        else:
            self.send(m.Advance(self.unit))

    def _keep(self, exercise: Any, progress: Progress) -> None:
        """The learner has come further with an exercise: show it, and what it no longer hides."""
        (self._retries if exercise.id in self._retries else self.progress)[exercise.id] = progress
        if progress.done:
            self.drafts.pop(exercise.id, None)
        self.note = None
        if progress.done and self.focused is not None and self._in_box(self.focused):
            self.set_focus(None)
        self.retell()
        self.call_next(self.set_boxes)
        for box in self.boxes():
            box.followed = box.told.exercise is exercise
            if box.followed:
                self.call_after_refresh(box.bring_into_view)

    def _in_box(self, widget: Any) -> bool:
        return any(box in widget.ancestors_with_self for box in self.boxes())

    @property
    def awaited(self) -> bool:
        return any(self.progress_of(each).locked for each in self.exercises)

    def on_reached(self) -> None:
        """What was predicted has come out."""
        for exercise in self.exercises if self.reached else ():
            progress, kind = self.progress_of(exercise), kind_of(exercise)
            if progress.locked and self.known.has(kind.asks(exercise)):
                self._keep(exercise, progress.came_out(kind.mark(exercise, progress.given, self.known)))

    # ---------------------------------------------------------------- goals
    @property
    def conditions(self) -> tuple[str, ...]:
        reach = (text for each in self.exercises if self._is_open(each) for text in kind_of(each).reach(each))
        return (*super().conditions, *reach)

    def watch_frame(self) -> None:
        super().watch_frame()
        for exercise in self.exercises:
            reach = kind_of(exercise).reach(exercise)
            if reach and self._is_open(exercise) and all(map(self.held, reach)):
                if self._remark(exercise) is None:
                    self._keep(exercise, replace(self.progress_of(exercise), solved=True, wants_solution=False))
                else:
                    self.tell_boxes()

    def _remark(self, exercise: Any) -> Sentence | None:
        """Why a goal that is reached does not count: what was not meant to be changed was, or training did it."""
        if kind_of(exercise).when != "when it holds" or not all(map(self.held, kind_of(exercise).reach(exercise))):
            return None
        from lessons.stages import begun, entered
        from tui.exercises.goal import only_allowed

        assert self.opening is not None and self.opening.lesson is not None
        trains = any(each.do not in ("show", "forward", "loss", "backward") for each in entered(
            self.opening.lesson, self.cursor
        ))  # fmt: skip
        done = self.iterations_here if trains or self.frame is None else self.frame.moment.iterations_done
        if self.part is not None and self.part.trains and done > (exercise.within or 0):
            return Sentence("ask.trained")
        own = [each.edits for each in begun(self.opening.lesson, self.cursor)]  # the lesson's edits, not the learner's
        entries = self.kept_log.entries[: self.kept_log.entry + 1] if self.kept_log else ()
        past = [each for each in entries if each.changes not in own]
        return None if trains or only_allowed(exercise, past) else Sentence("ask.other_edit")

    def may_edit(self, changes: Sequence[m.Change]) -> bool:
        """Whether the open goals allow these edits; if not, it is said what may be changed."""
        for change in changes:
            if (exercise := self._forbidding(change)) is not None:
                self._say("ask.may_edit", names=", ".join(exercise.edit))
                return False
        return True

    def allows(self, change: m.Change) -> bool:
        """Whether all open goals allow this edit."""
        return self._forbidding(change) is None

    def _forbidding(self, change: m.Change) -> Any:
        """The open goal that does not allow this edit; None where all do."""
        from tui.exercises.goal import may_change

        for exercise in self.exercises:
            if kind_of(exercise).reach(exercise) and self._is_open(exercise) and not may_change(exercise, change):
                return exercise
        return None

    # ---------------------------------------------------------------- what has to wait for a prediction
    def send(self, command: m.AnyCommand) -> None:
        onward = isinstance(command, (m.Advance, m.Again, m.Run, m.Goto)) or _forth(command)
        if onward and self._must_predict(command):
            self._say("ask.predict_first")
            return
        if isinstance(command, (m.Advance, m.Again, m.Run, m.Goto, m.Travel, m.Edit, m.Stand)):
            self.note = None
        super().send(command)

    def _must_predict(self, command: m.AnyCommand) -> bool:
        if isinstance(command, m.Run) and not command.on:
            return False
        waiting = (each for each in self.exercises if kind_of(each).when == "after the step" and self._is_open(each))
        return any(not self.progress_of(each).locked for each in waiting)

    def _say(self, key: str, **values: Value) -> None:
        self.note, self.asked_to_run = Sentence(key, values), None
        self.redraw()

    # ---------------------------------------------------------------- actions
    def action_answer(self) -> None:
        """Enter: the engine that has ended, the offer that stands, else the field of the exercise that is asked."""
        if self.ended is not None:
            self.action_revive()
        elif self.offer:
            self.accept_offer()
        elif not self._focus_field() and (exercise := self.asked) is not None and (box := self._box(exercise)):
            box.scroll_visible(animate=False)

    def action_answer_or_next(self) -> None:
        """Tab: into the field, else from widget to widget."""
        if (self.focused is not None and self._in_box(self.focused)) or not self._focus_field():
            self.focus_next()

    def _focus_field(self) -> bool:
        box = self._box(self.asked) if self.asked is not None else None
        if box is None or box.field is None or not box.field.display or box.field.disabled:
            return False
        box.scroll_visible(animate=False, immediate=True)
        box.field.focus()
        return True

    def action_hint(self) -> None:
        """One hint more."""
        if (exercise := self.asked) is not None:
            hints = len(self.told(exercise).passage.hints)
            if not hints:
                self._say("ask.no_hints")
            self._keep_quietly(exercise, self.progress_of(exercise).hinted(hints))

    def action_solution(self) -> None:
        """Give up: asked for twice, the solution is shown."""
        exercise = self.asked
        if exercise is None:
            return
        if not self.known.has(kind_of(exercise).asks(exercise)):
            self._say("ask.waiting")
            return
        progress = self.progress_of(exercise).gave_up()
        self._keep_quietly(exercise, progress)
        witness = kind_of(exercise).witness(exercise)
        if progress.given_up and witness:
            self.send(m.Edit(tuple(witness)))

    def _keep_quietly(self, exercise: Any, progress: Progress) -> None:
        note = self.note
        self._keep(exercise, progress)
        self.note = note
        self.redraw()


def _forth(command: m.AnyCommand) -> bool:
    return isinstance(command, m.Travel) and command.direction == "forth" and command.by == "phase"
