"""Who reads and thinks: OCR engines and models behind small protocols."""
