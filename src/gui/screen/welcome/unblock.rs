//! Unblocking a card: its code, the new PIN, the new PIN once more; then one try.

use zeroize::Zeroizing;

use super::{Action, Attempt, Engine, Error, Message, Notice, PIN_LENGTH, PinKey, Secret, Welcome};

/// Digits of the unblocking code (PUK) of a CPS.
const PUK_LENGTH: usize = 8;

/// What is being typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Puk,
    Pin,
    Again,
}

/// What was typed so far.
pub(super) struct Unblocking {
    pub(super) step: Step,
    puk: Zeroizing<String>,
    pin: Zeroizing<String>,
    again: Zeroizing<String>,
    /// The two new PINs differed.
    pub(super) differs: bool,
}

impl Unblocking {
    fn new() -> Self {
        // never grow: no copy of a code is left behind by a reallocation
        let room = |length| Zeroizing::new(String::with_capacity(length));
        Self {
            step: Step::Puk,
            puk: room(PUK_LENGTH),
            pin: room(PIN_LENGTH),
            again: room(PIN_LENGTH),
            differs: false,
        }
    }

    /// Digits this step takes.
    pub(super) fn length(&self) -> usize {
        if self.step == Step::Puk { PUK_LENGTH } else { PIN_LENGTH }
    }

    /// Digits typed in this step.
    pub(super) fn typed(&self) -> usize {
        match self.step {
            Step::Puk => self.puk.len(),
            Step::Pin => self.pin.len(),
            Step::Again => self.again.len(),
        }
    }

    fn field(&mut self) -> &mut Zeroizing<String> {
        match self.step {
            Step::Puk => &mut self.puk,
            Step::Pin => &mut self.pin,
            Step::Again => &mut self.again,
        }
    }

    /// One key; true when everything is typed.
    fn key(&mut self, key: PinKey) -> bool {
        let length = self.length();
        match key {
            PinKey::Digit(digit) if digit.is_ascii_digit() && self.field().len() < length => {
                self.field().push(digit);
            }
            PinKey::Digit(_) => {}
            PinKey::Erase => {
                self.field().pop();
            }
            PinKey::Enter => {}
        }
        if self.typed() < length {
            return false;
        }
        match self.step {
            // the code is long and its tries are few: it is looked over before it counts
            Step::Puk if key == PinKey::Enter => self.step = Step::Pin,
            Step::Pin => self.step = Step::Again,
            Step::Again if *self.pin == *self.again => return true,
            Step::Again => {
                *self = Self {
                    puk: std::mem::take(&mut self.puk),
                    step: Step::Pin,
                    differs: true,
                    ..Self::new()
                };
            }
            Step::Puk => {}
        }
        false
    }
}

impl Welcome {
    pub(super) fn start_unblocking(&mut self) -> Action<Message> {
        if !matches!(self.attempt, Attempt::Running) {
            self.attempt = Attempt::None;
            self.unblocking = Some(Unblocking::new());
        }
        Action::None
    }

    pub(super) fn leave_unblocking(&mut self) -> Action<Message> {
        self.unblocking = None;
        Action::None
    }

    pub(super) fn unblocking_key(&mut self, engine: &Engine, key: PinKey) -> Action<Message> {
        let is_whole = self.unblocking.as_mut().is_some_and(|unblocking| unblocking.key(key));
        match self.unblocking.take_if(|_| is_whole) {
            Some(mut whole) => {
                let code = Secret::new(std::mem::take(&mut *whole.puk));
                let pin = Secret::new(std::mem::take(&mut *whole.pin));
                self.attempt = Attempt::Running;
                self.attempts += 1;
                let (engine, attempt) = (engine.clone(), self.attempts);
                let trying = async move { engine.unblock_card(code, pin).await };
                Action::run(trying, move |result| Message::Unblocked { attempt, result })
            }
            None => Action::None,
        }
    }

    pub(super) fn unblocked(
        &mut self,
        engine: &Engine,
        attempt: u32,
        result: Result<(), Error>,
    ) -> Action<Message> {
        self.card = engine.card();
        // the card is read again meanwhile, which counts as another card; what came of the code is told all the same
        let is_current = attempt == self.attempts || !matches!(self.attempt, Attempt::Running);
        if !is_current {
            return Action::None;
        }
        match result {
            Ok(()) => {
                self.attempt = Attempt::None;
                Action::Tell(Notice::Done("welcome-unblock-done"))
            }
            Err(error) => {
                self.attempt = Attempt::Failed(error);
                Action::None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn type_in(unblocking: &mut Unblocking, digits: &str) -> bool {
        digits.chars().any(|digit| unblocking.key(PinKey::Digit(digit)))
    }

    #[test]
    fn the_code_waits_for_enter_and_the_new_pin_is_typed_twice() {
        let mut unblocking = Unblocking::new();
        assert!(!type_in(&mut unblocking, "123456789"));
        assert_eq!((unblocking.step, unblocking.typed()), (Step::Puk, 8), "a ninth digit is not taken");
        unblocking.key(PinKey::Erase);
        unblocking.key(PinKey::Enter);
        assert_eq!((unblocking.step, unblocking.typed()), (Step::Puk, 7));
        type_in(&mut unblocking, "8");
        unblocking.key(PinKey::Enter);
        assert!(!type_in(&mut unblocking, "4321"));
        assert!(!type_in(&mut unblocking, "4322"));
        assert_eq!((unblocking.step, unblocking.differs), (Step::Pin, true));
        assert_eq!(unblocking.puk.as_str(), "12345678", "the code need not be typed again");
        assert!(!type_in(&mut unblocking, "4321"));
        assert!(type_in(&mut unblocking, "4321"));
        assert_eq!(unblocking.pin.as_str(), "4321");
    }
}
