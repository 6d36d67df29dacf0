"""Reporting: counts every voice once, and shows where which need is strongest, who works on it and how fast.

- *owns*      facts, roll-ups and the pages made of them; everything here can be rebuilt from the log (`serap replay reporting`)
- *consumes*  aspirations.lifecycle, notifications.outcomes
- *publishes* nothing yet (programmes.decisions, when there are programmes)
- *never*     sees a text, a contact or a person, and never publishes a number below 5 in an answer
"""
