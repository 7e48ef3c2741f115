"""Making a book: pages, execution, site, and the folder that the products go to."""
