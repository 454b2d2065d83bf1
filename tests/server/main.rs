//! The same tests of the engine on Dovecot, with fewer and fewer extensions, on Cyrus and on Courier.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
#![allow(unreachable_pub)]

#[path = "../operator/client.rs"]
mod client;
#[path = "../campaign/compare.rs"]
mod compare;
mod desk;
mod folders;
#[path = "../thread/gate.rs"]
mod gate;
mod mail;
#[path = "../campaign/other.rs"]
mod other;
#[path = "../campaign/place.rs"]
mod place;
mod waiting;

use crate::place::Server;

/// Every test named, on one server.
macro_rules! on {
    ($module:ident, $server:ident: $($file:ident::$test:ident),+ $(,)?) => {
        mod $module {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $test() {
                    crate::$file::$test(crate::desk::Desk::open(crate::Server::$server).await).await;
                }
            )+
        }
    };
}

macro_rules! on_all {
    ($($tests:tt)+) => {
        on!(dovecot, Dovecot: $($tests)+);
        on!(cyrus, Cyrus: $($tests)+);
        on!(courier, Courier: $($tests)+);
    };
}

macro_rules! on_lesser_dovecots {
    ($($tests:tt)+) => {
        on!(dovecot_without_qresync, NoQresync: $($tests)+);
        on!(dovecot_without_condstore, NoCondstore: $($tests)+);
        on!(dovecot_without_extensions, Bare: $($tests)+);
    };
}

on_all!(
    mail::a_first_synchronisation_brings_everything,
    mail::what_changed_there_is_here_after_the_next,
    mail::what_changed_here_is_there_after_the_next,
    mail::a_message_in_the_bin_is_deleted_for_good,
    mail::what_somebody_else_marked_as_deleted_is_not_expunged,
    mail::a_sent_message_is_filed_once,
    mail::messages_marked_moved_and_deleted_there_during_a_pass_do_not_disturb,
    folders::folders_are_known_by_their_french_names,
    folders::a_renumbered_folder_is_read_anew_and_a_waiting_change_hits_nobody_else,
    folders::a_folder_renamed_elsewhere_keeps_its_mail,
    folders::a_folder_removed_elsewhere_is_gone_here,
    waiting::new_mail_and_new_flags_arrive_while_the_connection_waits,
);

on_lesser_dovecots!(
    mail::a_first_synchronisation_brings_everything,
    mail::what_changed_there_is_here_after_the_next,
    mail::what_changed_here_is_there_after_the_next,
    mail::a_message_in_the_bin_is_deleted_for_good,
    mail::what_somebody_else_marked_as_deleted_is_not_expunged,
    folders::folders_are_known_by_their_french_names,
    waiting::new_mail_and_new_flags_arrive_while_the_connection_waits,
);

on!(cyrus_alone, Cyrus: folders::a_special_use_decides_whatever_the_name);
