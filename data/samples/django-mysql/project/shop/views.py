from __future__ import unicode_literals

import json

from django.http import HttpResponseNotAllowed, JsonResponse
from django.shortcuts import get_object_or_404

from shop.models import Item, Order
from shop.orders import CannotSell, place_order, report


def items(request):
    found = Item.objects.order_by('sku')
    if request.GET.get('q'):
        found = found.filter(name__icontains=request.GET['q'])
    return JsonResponse({'items': list(found.values('sku', 'name', 'stock'))})


def orders(request):
    if request.method != 'POST':
        return HttpResponseNotAllowed(['POST'])
    asked = json.loads(request.body.decode('utf-8'))
    try:
        order = place_order(asked.get('email', ''), asked.get('basket', {}))
    except CannotSell as refusal:
        return JsonResponse({'error': '{}'.format(refusal)}, status=409)
    return JsonResponse({'order': order.pk, 'total': str(order.total)}, status=201)


def order(request, pk):
    found = get_object_or_404(Order, pk=pk)
    lines = found.lines.order_by('item__sku').values('item__sku', 'item__name', 'quantity')
    return JsonResponse({'customer': found.customer.name, 'lines': list(lines), 'total': str(found.total)})


def takings(request):
    return JsonResponse(report())
