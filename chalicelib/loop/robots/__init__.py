"""Group robots: notices leave for group chats within a budget, as digests when there are many."""
