//! The interface, without a window.

mod annuaire;
mod composer;
mod desk;
mod mailbox;
mod sendings;
