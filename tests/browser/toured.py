"""A visitor who was here before, and is shown no tour: it would stand in the way of what a test or a picture looks at."""

TOURED = "try { localStorage.setItem('clone-advisor.tour.1', 'seen'); } catch { /* no storage */ }"
