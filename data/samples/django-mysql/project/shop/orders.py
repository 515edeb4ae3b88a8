"""The rules of selling: what an order costs, and when it may be placed."""

from __future__ import unicode_literals

from decimal import ROUND_HALF_UP, Decimal

from django.db import transaction

from shop.models import Customer, Item, Order, OrderLine

CENT = Decimal('0.01')
LOW = 3


class CannotSell(Exception):
    """The order was refused; the text says why."""


def discount(total):
    """What comes off ``total``: five in a hundred from 100.00 on, ten from 500.00 on."""
    if total >= 500:
        rate = Decimal('0.10')
    elif total >= 100:
        rate = Decimal('0.05')
    else:
        rate = Decimal('0')
    return (total * rate).quantize(CENT, ROUND_HALF_UP)


def price_tag(price, currency='EUR'):
    """``1234.5`` as a label shows it: ``1 234.50 EUR``."""
    whole, cents = '{:.2f}'.format(price).split('.')
    groups = []
    while whole:
        groups.insert(0, whole[-3:])
        whole = whole[:-3]
    return '{}.{} {}'.format(' '.join(groups), cents, currency)


def place_order(email, basket):
    """Order ``basket`` (quantities by sku) for the customer with this address; all of it or nothing.

    Raises CannotSell for an empty basket, an unknown customer or item, and where the stock does not do.
    """
    if not basket:
        raise CannotSell('the basket is empty')
    with transaction.atomic():
        customer = Customer.objects.filter(email=email).first()
        if customer is None:
            raise CannotSell('no customer has the address {}'.format(email))
        order = Order.objects.create(customer=customer)
        for sku, quantity in sorted(basket.items()):
            item = Item.objects.select_for_update().filter(sku=sku).first()
            if item is None:
                raise CannotSell('there is no item {}'.format(sku))
            if quantity < 1:
                raise CannotSell('{} times {}'.format(quantity, sku))
            if item.stock < quantity:
                raise CannotSell('only {} of {} left'.format(item.stock, sku))
            item.stock -= quantity
            item.save()
            OrderLine.objects.create(order=order, item=item, quantity=quantity, price=item.price)
    return order


def report():
    """Number of orders, what they brought in, and the items that run low."""
    orders = list(Order.objects.prefetch_related('lines'))
    low = Item.objects.filter(stock__lt=LOW).order_by('sku').values_list('sku', flat=True)
    return {
        'orders': len(orders),
        'takings': str(sum((order.total for order in orders), Decimal('0.00'))),
        'low': list(low),
    }
