"""Shelf: search, choice by clause (五), comparison, over a published release."""
