"""The registry in files: CSV and XLSX, in and out."""
