import pytest
@pytest.mark.parametrize("path",["/","/journey","/products","/customers","/marketing","/money","/quality","/customers/C3","/products/P4","/rows/sales_lines","/rows/carts","/journey?by=device"])
def test_page(admin,path):
    r=admin.get(path)
    assert r.status_code==200, r.text[:300]
    print(path,len(r.text))
