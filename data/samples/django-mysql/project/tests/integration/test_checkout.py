# -*- coding: utf-8 -*-
from __future__ import unicode_literals

import json

from django.test import TestCase

from shop.catalogue import import_items
from shop.models import Customer, Item


class CheckoutTest(TestCase):
    def setUp(self):
        import_items([
            {'sku': 'MUG-01', 'name': 'Blue mug', 'price': '8.00', 'stock': 6},
            {'sku': 'POT-01', 'name': 'Teapot', 'price': '21.00', 'stock': 4},
        ])
        Customer.objects.create(name='Søren Müller', email='soren@shop.example', city='Århus')

    def order(self, basket, email='soren@shop.example'):
        body = json.dumps({'email': email, 'basket': basket})
        answer = self.client.post('/orders/', body, content_type='application/json')
        return answer.status_code, json.loads(answer.content.decode('utf-8'))

    def get(self, path):
        return json.loads(self.client.get(path).content.decode('utf-8'))

    def test_an_order_is_confirmed_with_its_total(self):
        status, order = self.order({'MUG-01': 2, 'POT-01': 1})
        self.assertEqual((status, order['total']), (201, '37.00'))

    def test_an_order_can_be_looked_up(self):
        _, order = self.order({'MUG-01': 1})
        found = self.get('/orders/{}/'.format(order['order']))
        self.assertEqual(found['customer'], 'Søren Müller')
        self.assertEqual(found['lines'], [{'item__sku': 'MUG-01', 'item__name': 'Blue mug', 'quantity': 1}])

    def test_the_last_ones_are_sold_only_once(self):
        self.assertEqual(self.order({'POT-01': 4})[0], 201)
        self.assertEqual(self.order({'POT-01': 1})[0], 409)
        self.assertEqual(Item.objects.get(sku='POT-01').stock, 0)

    def test_a_refusal_says_why(self):
        status, answer = self.order({'MUG-01': 7})
        self.assertEqual((status, answer['error']), (409, 'only 6 of MUG-01 left'))

    def test_an_order_that_is_not_there_is_not_found(self):
        self.assertEqual(self.client.get('/orders/999999/').status_code, 404)

    def test_orders_are_not_listed(self):
        self.assertEqual(self.client.get('/orders/').status_code, 405)
