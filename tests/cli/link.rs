//! Links of practice software, by commands alone.

use crate::counter::Counter;

#[test]
fn a_link_that_is_not_exactly_one_starts_nothing() {
    let counter = Counter::open();
    counter.run(&["open", "https://exemple.fr/"]).fails(5, "link-refused");
    counter.run(&["open", "estafette:patient?ins=12"]).fails(5, "link-field-refused");
    counter.run(&["open", "estafette:ecrire?document=../secret"]).fails(5, "link-field-refused");
}
