try:
    from django.urls import re_path
except ImportError:  # before Django 2.0
    from django.conf.urls import url as re_path

from shop import views

urlpatterns = [
    re_path(r'^items/$', views.items),
    re_path(r'^orders/$', views.orders),
    re_path(r'^orders/(?P<pk>\d+)/$', views.order),
    re_path(r'^report/$', views.takings),
]
