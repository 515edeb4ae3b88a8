from __future__ import unicode_literals

from decimal import Decimal

from django.db import models


class Item(models.Model):
    """Something we sell, under the name its makers gave it."""

    sku = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=100)
    price = models.DecimalField(max_digits=8, decimal_places=2)
    stock = models.PositiveIntegerField(default=0)


class Customer(models.Model):
    name = models.CharField(max_length=100)
    email = models.CharField(max_length=100, unique=True)
    city = models.CharField(max_length=60, default='')


class Order(models.Model):
    customer = models.ForeignKey(Customer, related_name='orders', on_delete=models.CASCADE)
    placed_at = models.DateTimeField(auto_now_add=True)

    @property
    def total(self):
        return sum((line.price * line.quantity for line in self.lines.all()), Decimal('0.00'))


class OrderLine(models.Model):
    """``price`` is what the item cost on the day of the order."""

    order = models.ForeignKey(Order, related_name='lines', on_delete=models.CASCADE)
    item = models.ForeignKey(Item, related_name='lines', on_delete=models.CASCADE)
    quantity = models.PositiveIntegerField()
    price = models.DecimalField(max_digits=8, decimal_places=2)
