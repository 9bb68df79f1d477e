"""Points as a gradebook reads them: of Canvas, of Moodle, or of any other, as CSV."""
