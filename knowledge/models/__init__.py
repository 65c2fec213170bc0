"""Articles, what they are about, and what they are harvested from."""

from knowledge.models.articles import Article, ArticleImport, Feedback, Passage
from knowledge.models.catalogue import Product, ProductFamily, Subject
from knowledge.models.harvests import Harvest, HarvestRun

__all__ = [
    "Article",
    "ArticleImport",
    "Feedback",
    "Harvest",
    "HarvestRun",
    "Passage",
    "Product",
    "ProductFamily",
    "Subject",
]
