"""`python -m livequiz`"""

from livequiz.cli import main

main()
