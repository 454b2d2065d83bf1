# First start and lock screen.
welcome-reading = Reading the card…
welcome-expired = expired on { $day }
welcome-expires = expires on { $day }
welcome-card-number = card …{ $end }
welcome-expires-soon = { $days ->
    [0] Your card expires today.
    [one] Your card expires tomorrow.
   *[other] Your card expires in { $days } days.
 }
welcome-expires-soon-advice = Check that the new card was asked for from the ANS.
welcome-rpps = RPPS { $number }
welcome-staff-id = identifier { $number }
welcome-choose = Which card is to be used?
welcome-choose-advice = The choice is remembered. Arrows and Enter, or a click.
welcome-other-card = Another card is in “{ $reader }”.
welcome-use-other = Use the other card
welcome-card-unread = card not read
welcome-unblock = Unblock the card…
welcome-unblock-puk = Unblocking code (8 digits)
welcome-unblock-pin = New PIN (4 digits)
welcome-unblock-again = The new PIN once more
welcome-unblock-next = Continue
welcome-unblock-cancel = Cancel
welcome-unblock-differs = The two new PINs differ.
welcome-unblock-warning = The unblocking code’s tries are limited: a card that has used them up is lost.
welcome-unblock-done = Card unblocked. Type your new PIN.
welcome-pin-label = 4-digit PIN
welcome-pin-on-reader = Type your PIN on the reader’s keypad.
welcome-pin-start = Type on the reader
welcome-open = Open
welcome-opening = Opening…
welcome-tries-low = A wrong PIN was typed before.
welcome-tries-low-advice = After 3 wrong PINs the card blocks.
welcome-tries-last = Last try.
welcome-tries-last-advice = One more wrong PIN blocks the card.
welcome-lock-hint = Removing the card locks the screen.
welcome-offline = Read offline
welcome-without-card = Open without a card
welcome-add = Add a mailbox without a card
welcome-recovery = Recovery code
welcome-recovery-label = Recovery code: 7 groups of 5 characters
welcome-recovery-detail = It is on the page printed when it was made. Capitals, spaces and hyphens do not matter.
welcome-recovery-card = A renewed card: type this code, then the card’s PIN below. Without the card, this code opens for reading.
welcome-recovery-open = Read with this code
welcome-practice = Try without a card
welcome-trouble = Card not recognised?
welcome-mailbox-search = Looking for your mailbox in the directory…
welcome-mailbox-one = Your mailbox: { $address }
welcome-mailbox-several = Mailboxes found in the directory
welcome-mailbox-no-servers = servers unknown: ask your operator for them
welcome-annuaire-empty = The directory is not loaded yet.
welcome-annuaire-empty-detail = It finds your mailbox and your correspondents.
welcome-annuaire-file = Load a file
welcome-annuaire-loading = Loading the directory… you can go on.
welcome-pin-practice = PIN of the fictitious card: 1234
welcome-set-aside = Set aside and start again
welcome-set-aside-done = Data set aside. Type the PIN again.
