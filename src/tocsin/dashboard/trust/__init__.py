"""The page "Compare and trust": how good the alarms are, what they would miss, and which artifact serves better."""
