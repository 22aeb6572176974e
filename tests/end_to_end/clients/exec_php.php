<?php // exec_php.php URL: prints the status and the body that a program gets which knows of no proxy and no CA.
$handle = curl_init($argv[1]);
curl_setopt($handle, CURLOPT_RETURNTRANSFER, true);
$body = curl_exec($handle);
echo $body === false ? curl_error($handle) : curl_getinfo($handle, CURLINFO_RESPONSE_CODE) . ' ' . trim($body), "\n";
