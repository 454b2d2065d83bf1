# The main window, commands, dates, sizes.
app-name = Estafette
app-practice = PRACTICE MODE — fictitious data
app-offline = Reading offline — nothing is sent or received
app-unlock = Type the PIN
app-mailbox = Mail
app-annuaire = Directory
app-patients = Patients
app-sendings = Sendings
app-settings = Settings
app-trouble = Health
app-status-up-to-date = Up to date at { $hour }
app-status-working = Synchronising
app-status-waiting = Not connected, retrying by itself
app-status-wanted = Waiting for you to log in
app-status-idle = Not connected yet
app-status-messages = { $count } messages
app-status-pending = { $count ->
    [one] { $count } message waiting
   *[other] { $count } messages waiting
 }
app-status-quota = mailbox { $percent } % full
app-status-refused = { $count ->
    [one] { $count } message refused
   *[other] { $count } messages refused
 }
app-card-in = card inserted
app-card-out = no card
app-arrived = { $count ->
    [one] New MSSanté message
   *[other] { $count } new MSSanté messages
 }
app-arrived-show = Show
app-close = Close
app-undo = Undo
app-help = help
app-help-title = Keys
app-help-detail = Tab goes from one part to the next; Enter or Space activates it.
app-start-failed = Estafette could not start
app-retry = Retry
psc-page-done = Login succeeded
psc-page-failed = The login did not succeed
psc-page-advice = You can close this page and return to Estafette.
app-composer-title = New message
app-reply-attribution = On { $day } at { $hour }, { $name } wrote:
app-forward-attribution = Forwarded message — { $name }, { $day } at { $hour }:
notice-saved = Draft saved
notice-queued = Message handed over for sending
notice-cancelled = Sending cancelled, the message is back among the drafts
notice-locked = Mail locked
notice-copied = Copied
notice-synced = Up to date

cmd-new = New message
cmd-reply = Reply
cmd-reply-all = Reply to all
cmd-forward = Forward
cmd-delete = Delete
cmd-toggle-seen = Mark read or unread
cmd-toggle-flag = Flag or unflag
cmd-print = Print
cmd-export = Export
cmd-source = Show the source
cmd-search = Search messages
cmd-find = Find in the message
cmd-find-next = Next match
cmd-find-previous = Previous match
cmd-annuaire = Open the directory
cmd-send = Send
cmd-attach = Attach a file
cmd-other-mailbox = Write to another mailbox of the recipient
cmd-cancel-sending = Cancel sending
cmd-sync = Fetch mail
cmd-go-mailbox = Go to mail
cmd-go-patients = Go to the patients
cmd-go-annuaire = Go to the directory
cmd-go-sendings = Go to the sendings
cmd-go-trouble = Go to health
cmd-go-settings = Go to the settings
cmd-text-larger = Larger text
cmd-text-smaller = Smaller text
cmd-fit-width = Page at full width
cmd-lock = Lock
cmd-help = Show the keys
cmd-back = Go back, close

key-shift = Shift
key-enter = Enter
key-delete = Delete
key-escape = Esc

folder-inbox = Inbox
folder-drafts = Drafts
folder-sent = Sent
folder-archive = Archive
folder-junk = Junk
folder-trash = Bin

date-yesterday = yesterday
date-today-at = today at { $hour }
date-yesterday-at = yesterday at { $hour }
date-day-at = { $day } at { $hour }

size-bytes = { $n } bytes
size-kilo = { $n } kB
size-mega = { $n } MB
size-giga = { $n } GB
notice-undone = Undone: the messages are back
notice-moved = { $count ->
    [one] 1 message moved
   *[other] { $count } messages moved
 }
notice-deleted = { $count ->
    [one] 1 message deleted
   *[other] { $count } messages deleted
 }
notice-deleted-for-good = { $count ->
    [one] 1 message deleted for good
   *[other] { $count } messages deleted for good
 }
cmd-undo = Undo the deletion or move

missing-coming = { $count ->
    [one] 1 message not downloaded yet
   *[other] { $count } messages not downloaded yet
}
missing-large = { $count ->
    [one] 1 large message to download on request ({ $size })
   *[other] { $count } large messages to download on request ({ $size })
}
missing-failed = { $count ->
    [one] 1 message the server could not give
   *[other] { $count } messages the server could not give
}
missing-too-large = { $count ->
    [one] 1 message too large for this program
   *[other] { $count } messages too large for this program
}
missing-unindexed = { $count ->
    [one] 1 message to be read again for the search
   *[other] { $count } messages to be read again for the search
}
missing-searched = Content not searched: { $missing }.
missing-searched-of = Content not searched in { $address }: { $missing }.

quota-used = { $used } used of { $allowed } ({ $percent } %)
