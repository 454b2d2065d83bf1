//! The store and the vault from outside.

mod crash;
mod file;
mod intention;
mod mail;
mod measure;
mod outbox;
mod random;
mod sample;
mod search;
mod vault;
