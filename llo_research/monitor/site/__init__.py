"""The site: pages made of chapters, findings and the reference."""
