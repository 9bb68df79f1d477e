"""The servers that LiveQuiz is compared with, and what starts them."""
