//! The body of a message: the text widget's content with undo and redo, which iced 0.14 does not have.

use iced::widget::text_editor::{Action, Content, Cursor, Edit, Motion, Position};

/// Most states kept to go back to.
const MOST_STATES: usize = 300;
/// Most bytes kept in all states of one direction.
const MOST_BYTES: usize = 4 << 20;

/// One state to go back to.
#[derive(Debug, Clone)]
struct State {
    text: String,
    cursor: (usize, usize),
}

/// What the last edit was, to undo runs of typing at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Run {
    None,
    Typing,
    Erasing,
}

/// Text with a past.
#[derive(Debug)]
pub(super) struct Editor {
    content: Content,
    undo: Vec<State>,
    redo: Vec<State>,
    run: Run,
}

impl Editor {
    pub(super) fn new(text: &str) -> Self {
        let mut content = Content::with_text(text);
        content.perform(Action::Move(Motion::DocumentStart));
        Self { content, undo: Vec::new(), redo: Vec::new(), run: Run::None }
    }

    pub(super) fn content(&self) -> &Content {
        &self.content
    }

    /// The text, without the line end the widget adds.
    pub(super) fn text(&self) -> String {
        self.content.text()
    }

    /// Applies what the widget reports; true when the text changed.
    pub(super) fn perform(&mut self, action: Action) -> bool {
        let Action::Edit(edit) = &action else {
            if !matches!(action, Action::Scroll { .. }) {
                self.run = Run::None;
            }
            self.content.perform(action);
            return false;
        };
        let run = run_of(edit);
        if run == Run::None || run != self.run {
            let state = self.state();
            keep(&mut self.undo, state);
        }
        self.run = run;
        self.redo.clear();
        self.content.perform(action);
        true
    }

    /// Goes one state back; true when there was one.
    pub(super) fn undo(&mut self) -> bool {
        let Some(state) = self.undo.pop() else { return false };
        let now = self.state();
        keep(&mut self.redo, now);
        self.restore(&state);
        true
    }

    /// Goes one undone state forward; true when there was one.
    pub(super) fn redo(&mut self) -> bool {
        let Some(state) = self.redo.pop() else { return false };
        let now = self.state();
        keep(&mut self.undo, now);
        self.restore(&state);
        true
    }

    fn state(&self) -> State {
        let position = self.content.cursor().position;
        State { text: self.content.text(), cursor: (position.line, position.column) }
    }

    fn restore(&mut self, state: &State) {
        self.content = Content::with_text(&state.text);
        let (line, column) = state.cursor;
        self.content.move_to(Cursor { position: Position { line, column }, selection: None });
        self.run = Run::None;
    }
}

/// Letters run together; a space or a line end starts a new state, so that undo takes back a word.
fn run_of(edit: &Edit) -> Run {
    match edit {
        Edit::Insert(c) if !c.is_whitespace() => Run::Typing,
        Edit::Backspace | Edit::Delete => Run::Erasing,
        _ => Run::None,
    }
}

fn keep(states: &mut Vec<State>, state: State) {
    states.push(state);
    while states.len() > MOST_STATES
        || states.iter().map(|state| state.text.len()).sum::<usize>() > MOST_BYTES
    {
        if states.len() == 1 {
            return;
        }
        states.remove(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn type_in(editor: &mut Editor, text: &str) {
        for c in text.chars() {
            editor.perform(Action::Edit(Edit::Insert(c)));
        }
    }

    #[test]
    fn undo_takes_back_a_word_and_redo_gives_it_again() {
        let mut editor = Editor::new("");
        type_in(&mut editor, "œdème aigu");
        assert!(editor.undo());
        assert_eq!(editor.text().trim_end_matches('\n'), "œdème ");
        assert!(editor.redo());
        assert_eq!(editor.text().trim_end_matches('\n'), "œdème aigu");
        assert!(!editor.redo());
    }

    #[test]
    fn typing_after_undo_forgets_what_was_undone() {
        let mut editor = Editor::new("");
        type_in(&mut editor, "un deux");
        editor.undo();
        type_in(&mut editor, "trois");
        assert!(!editor.redo());
        assert_eq!(editor.text().trim_end_matches('\n'), "un trois");
    }

    #[test]
    fn a_reply_is_typed_above_the_quotation() {
        let mut editor = Editor::new("\n\n> Bonjour");
        type_in(&mut editor, "Merci");
        assert!(editor.text().starts_with("Merci\n"));
    }

    #[test]
    fn moving_the_cursor_ends_a_run_of_typing() {
        let mut editor = Editor::new("");
        type_in(&mut editor, "ab");
        editor.perform(Action::Move(Motion::Left));
        type_in(&mut editor, "c");
        editor.undo();
        assert_eq!(editor.text().trim_end_matches('\n'), "ab");
    }
}
