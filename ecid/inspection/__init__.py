"""Read first, judge afterwards: plan, evidence, checks, report.

``collect`` talks to a chip and concludes nothing; ``verify`` concludes and talks to nobody.
"""
