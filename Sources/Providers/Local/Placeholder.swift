// Providers/Local
