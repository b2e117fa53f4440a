"""What no machine translates, because the words around it must find it again as it was."""

import re

KEPT = re.compile(
    r"<[A-Za-z/!][^<>]*>"  # tags
    r"|https?://\S*[\w/]"
    r"|(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+"  # mail addresses
    r"|\{[^{}]*\}|%\(\w+\)[a-z]"  # places where a program puts values
    r"|&#?\w{1,32};"
)
