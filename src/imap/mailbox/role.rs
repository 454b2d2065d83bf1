//! What a folder is for.

use crate::domain::folder::{FolderRole, Namespace};
use crate::imap::RemoteFolder;
use crate::imap::read::Listed;

/// Role declared by attributes (RFC 6154).
fn declared(listed: &Listed) -> Option<FolderRole> {
    listed.attributes.iter().find_map(|a| match a.as_str() {
        "\\drafts" => Some(FolderRole::Drafts),
        "\\sent" => Some(FolderRole::Sent),
        "\\archive" => Some(FolderRole::Archive),
        "\\junk" => Some(FolderRole::Junk),
        "\\trash" => Some(FolderRole::Trash),
        _ => None,
    })
}

/// Gives each role to at most one of the user's own folders: the one the server declares, else the first of the top
/// level named so.
pub(crate) fn assign_roles(folders: &mut [(RemoteFolder, Listed)]) {
    let is_own = |f: &RemoteFolder| f.selectable && f.namespace == Namespace::Personal;
    let mut taken = vec![FolderRole::Inbox];
    for (folder, listed) in folders.iter_mut().filter(|(f, _)| is_own(f)) {
        folder.role = match declared(listed) {
            _ if folder.path == "INBOX" => FolderRole::Inbox,
            Some(role) if !taken.contains(&role) => {
                taken.push(role);
                role
            }
            _ => FolderRole::Other,
        };
    }
    for (folder, _) in folders.iter_mut().filter(|(f, _)| is_own(f) && f.role == FolderRole::Other) {
        let leaf = folder.path.strip_prefix("INBOX/").unwrap_or(&folder.path);
        let role = FolderRole::from_name(leaf);
        if role != FolderRole::Other && !taken.contains(&role) {
            taken.push(role);
            folder.role = role;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imap::RemoteName;

    #[test]
    fn each_role_goes_to_one_folder_and_the_server_decides_first() {
        let folder = |path: &str, attributes: &[&str]| {
            (
                RemoteFolder {
                    name: RemoteName::from_bytes(path.into()),
                    path: path.to_owned(),
                    role: FolderRole::Other,
                    selectable: !attributes.contains(&"\\noselect"),
                    namespace: Namespace::Personal,
                    mailbox_id: None,
                    status: None,
                },
                Listed {
                    attributes: attributes.iter().map(|a| (*a).to_owned()).collect(),
                    delimiter: Some(b'/'),
                    name: path.into(),
                },
            )
        };
        let mut folders = [
            folder("Sent", &[]),
            folder("Envoyés", &["\\sent"]),
            folder("INBOX", &[]),
            folder("Réception", &[]),
            folder("Patients/Archive", &[]),
            folder("INBOX/Corbeille", &[]),
            folder("Brouillons", &["\\noselect"]),
            folder("Drafts", &[]),
        ];
        assign_roles(&mut folders);
        let roles: Vec<_> = folders.iter().map(|(f, _)| f.role).collect();
        let expected = "[Other, Sent, Inbox, Other, Other, Trash, Other, Drafts]";
        assert_eq!(format!("{roles:?}"), expected);
    }
}
