"""The version that letters are read by, apart from what reads them: who only asks for it need not import that."""

READING = "6"  # raise it when the same letter would be read otherwise: every archive reads its letters again
