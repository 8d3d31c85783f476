"""The multivariate part of Azure AI Anomaly Detector v1.1, which ended in October 2026: its words for what is here."""
