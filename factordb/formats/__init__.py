"""Readers of submitted tables and writers of releases, one room a format. Import the room you need."""
