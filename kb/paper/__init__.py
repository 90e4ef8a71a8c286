"""A handover note on paper: one definition of what it says, written as Markdown, HTML and PDF."""
