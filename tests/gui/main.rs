//! The interface, without a window.

mod annuaire;
mod composer;
mod desk;
mod documents;
mod health;
mod login;
mod mailbox;
mod parts;
mod security;
mod sendings;
mod welcome;
