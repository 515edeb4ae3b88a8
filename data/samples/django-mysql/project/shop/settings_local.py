"""For a developer's own machine: the same shop on SQLite."""

from shop.settings import *  # noqa: F401,F403
from shop.settings import BASE_DIR, os

DATABASES = {
    'default': {
        'ENGINE': 'django.db.backends.sqlite3',
        'NAME': os.path.join(BASE_DIR, 'shop.sqlite3'),
    }
}
