# mailbox
mailbox-search-hint = Search for a message, a patient, a word…
mailbox-folders = Folders
mailbox-write = Write
mailbox-here = On this computer
mailbox-found = { $count ->
    [0] No message found
    [one] 1 message found
   *[other] { $count } messages found
}
mailbox-download-all = Download the large messages
conversation-group = Conversations
conversation-count = { $count } messages
conversation-position = Conversation: message { $at } of { $count }
conversation-previous = Message before in the conversation
conversation-next = Next message of the conversation
conversation-unfold = Show all
conversation-fold = Fold
conversation-own = Me
conversation-open = Open this message
mailbox-found-archived = { $count ->
    [one] 1 more message in the archive
   *[other] { $count } more messages in the archive
 }
mailbox-found-none = No message found
mailbox-found-none-detail = 
    Try another word, or only the start of a word. Escape goes back to the folder.
    { search-operators }
mailbox-folder-empty = No message here
mailbox-folder-empty-detail = Messages received in this folder will show here.
mailbox-drafts-none = No draft
mailbox-drafts-none-detail = Messages you start, here or on another computer, are kept here.
mailbox-draft-nobody = (no recipient)
mailbox-draft-edit = Continue
mailbox-draft-drop = Delete the draft
mailbox-draft-conflict = two versions
mailbox-draft-on-server = Saved { $when }, here and on the server.
mailbox-draft-here = Saved { $when } on this computer. It joins the server at the next synchronisation.
mailbox-draft-too-large = Saved { $when } on this computer. It stays here: with its files it exceeds 40 MB, too much for the server.
mailbox-draft-conflict-what = This draft was changed on another computer too.
mailbox-draft-conflict-advice = Both versions are in the list: keep the one that suits and delete the other.
mailbox-no-subject = (no subject)
mailbox-organisation = organisation
mailbox-laboratory = laboratory
mailbox-pharmacy = pharmacy
mailbox-hospital = hospital
mailbox-clinic = clinic
mailbox-answered = answered
mailbox-alarm = Critical result
mailbox-kind-document = Document
mailbox-kind-hprim = HPRIM
mailbox-kind-receipt = Receipt
mailbox-reader-empty = No message open
mailbox-reader-empty-detail = Choose a message in the list.
mailbox-several = { $count ->
    [one] 1 message selected
   *[other] { $count } messages selected
}
mailbox-reply-elsewhere = An answer would go to another address
mailbox-reply-elsewhere-detail = The message comes from { $from }, but an answer would go to { $reply }. Check the recipient before you answer.
mailbox-sender-verified = verified in the directory
mailbox-sender-patient = patient
mailbox-sender-unlisted = not in the directory
mailbox-sender-outside = domain outside MSSanté
mailbox-sent = sent { $moment }
mailbox-received = received { $moment }
mailbox-to = to { $names }
mailbox-cc = copy to { $names }
mailbox-and-more = { $count ->
    [one] 1 more
   *[other] { $count } more
}
mailbox-receipt-asked = read receipt requested
mailbox-born = born { $date }
mailbox-born-f = born { $date }
mailbox-born-m = born { $date }
mailbox-patient-hint = Patient named in the subject: check the identity before filing.
mailbox-move = Move
mailbox-move-nowhere = No folder possible: the chosen messages come from several mailboxes.
mailbox-tab-message = Message
mailbox-tab-text = Plain text
mailbox-tab-source = Source
mailbox-text-cut = Very long message: the rest is in the Plain text tab.
mailbox-image-awaited = Reading the picture…
mailbox-image-unreadable = Unreadable picture. It remains available in the source.
mailbox-loading = Downloading ({ $size })
mailbox-loading-detail = The message will show as soon as it is here.
mailbox-body-missing = Message not downloaded yet
mailbox-body-missing-detail = Only its header is on this computer.
mailbox-body-asked-detail = Asked for. It will show as soon as the connection allows.
mailbox-download = Download ({ $size })
mailbox-link-title = This link leads to this address. Estafette does not open it.
mailbox-link-host = This link leads to the site { $host }, outside MSSanté. Open it?
mailbox-link-browse = Open in the browser
mailbox-link-copy = Copy the address
mailbox-close = Close
mailbox-cancel = Cancel
mailbox-name-differs = The name shown does not match the directory
mailbox-name-differs-detail = The message says it is from “{ $shown }”, but the directory gives this address to { $real }.
mailbox-namesake = This may not be { $name }
mailbox-namesake-detail = The message bears the name of your correspondent { $name }, but comes from an address the directory does not know as theirs: { $address }. Check by another means before you answer.
mailbox-save-one = Save { $name }
mailbox-save-all = Save all
mailbox-saved = Saved
mailbox-not-saved = The file could not be saved
mailbox-delete-title = { $count ->
    [one] Delete this message for good?
   *[other] Delete { $count } messages for good?
}
mailbox-delete-detail = They cannot be recovered, neither here nor on the server.
mailbox-delete-yes = Delete for good
mailbox-replace-title = Replace the existing file?
mailbox-replace-detail = A file already has this name: { $path }
mailbox-replace-yes = Replace
mailbox-receipt-title = Read receipt requested
mailbox-receipt-detail = { $who } asks to know that you have read this message.
mailbox-receipt-send = Send the receipt
mailbox-receipt-decline = Do not send
mailbox-copy = Copy
mailbox-marked-deleted = deleted elsewhere
mailbox-shared = Shared folders
mailbox-others = Folders of other people
mailbox-folder-read-only = read only: you may not change this folder
mailbox-folder-new = New folder
mailbox-folder-change = Folder settings
mailbox-folder-title = Folder “{ $name }”
mailbox-folder-export = Export messages…
mailbox-folder-import = Import messages…
mailbox-folder-watch = Be told at once
mailbox-folder-watch-hint = What is new in this folder shows as soon as it arrives, as in the inbox.
mailbox-folder-name = Folder name
mailbox-folder-name-hint = “Biology/2026” puts 2026 into Biology.
mailbox-folder-create = Create
mailbox-folder-rename = Rename
mailbox-folder-delete = Delete the folder
mailbox-folder-delete-title = Delete the folder “{ $name }”?
mailbox-folder-delete-detail = Its messages go to the bin.
